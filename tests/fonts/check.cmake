# Fails with a message for each of the FAMILIES that the present fontconfig file does not find.
string(REPLACE "," ";" FAMILIES "${FAMILIES}")
foreach(family IN LISTS FAMILIES)
    execute_process(COMMAND ${FC_LIST} ":family=${family}" family OUTPUT_VARIABLE found COMMAND_ERROR_IS_FATAL ANY)
    if(found STREQUAL "")
        message(SEND_ERROR
            "The tests need the font family ${family}, which this machine does not have: install what tests/packages.txt lists.")
    endif()
endforeach()
